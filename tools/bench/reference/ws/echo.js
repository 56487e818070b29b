// Echo service on npm's ws, with permessage-deflate by the parameters that framegate has:
//   node echo.js HOST:PORT off|messages|takeover
const { WebSocketServer } = require('ws')

const [address, setting] = process.argv.slice(2)
const [host, port] = address.split(':')
const byItself = setting === 'messages'
const perMessageDeflate = setting !== 'off' && {
  serverNoContextTakeover: byItself,
  clientNoContextTakeover: byItself,
  zlibDeflateOptions: { level: 1, windowBits: 15, memLevel: 8 },
  // All messages, whatever their length.
  threshold: 0,
}
const prefix = Buffer.from('echo : ')

new WebSocketServer({ host, port, perMessageDeflate }).on('connection', (socket) => {
  socket.on('message', (message, isBinary) => {
    socket.send(Buffer.concat([prefix, message]), { binary: isBinary })
  })
})
