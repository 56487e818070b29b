"""pymodbus with registers that hold their own addresses: modbus_server.py HOST PORT."""

import sys

from pymodbus.server import StartTcpServer
from pymodbus.simulator import DataType, SimData, SimDevice

registers = SimData(0, values=list(range(100)), datatype=DataType.REGISTERS)
StartTcpServer(SimDevice(1, simdata=[registers]), address=(sys.argv[1], int(sys.argv[2])))
