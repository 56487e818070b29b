"""Apache Thrift, framed: answers a call with a string, its own name: thrift_server.py HOST PORT."""

import sys

from thrift.protocol.TBinaryProtocol import TBinaryProtocolFactory
from thrift.server.TServer import TThreadedServer
from thrift.Thrift import TMessageType, TType
from thrift.transport.TSocket import TServerSocket
from thrift.transport.TTransport import TFramedTransportFactory


class Processor:
    def process(self, reads, writes):
        name, _, sequence = reads.readMessageBegin()
        reads.skip(TType.STRUCT)
        reads.readMessageEnd()
        writes.writeMessageBegin(name, TMessageType.REPLY, sequence)
        writes.writeStructBegin("result")
        writes.writeFieldBegin("success", TType.STRING, 0)
        writes.writeString(name)
        writes.writeFieldEnd()
        writes.writeFieldStop()
        writes.writeStructEnd()
        writes.writeMessageEnd()
        writes.trans.flush()

    def on_message_begin(self, _):
        pass


listener = TServerSocket(sys.argv[1], int(sys.argv[2]))
TThreadedServer(Processor(), listener, TFramedTransportFactory(), TBinaryProtocolFactory(), daemon=True).serve()
