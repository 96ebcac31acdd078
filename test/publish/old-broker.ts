import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { generate, type Packet, parser } from 'mqtt-packet';

type Manner = 'says so' | 'hangs up';

/** A broker of before MQTT 5: speaks 3.1.1 bytes and refuses version 5 in one of the two manners seen in the field. */
export async function oldBroker(
  manner: Manner,
): Promise<{ readonly url: string; readonly received: Packet[]; readonly server: Server }> {
  const received: Packet[] = [];
  const server = createServer((socket) => serve(socket, manner, received));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { url: `mqtt://127.0.0.1:${port}`, received, server };
}

function serve(socket: Socket, manner: Manner, received: Packet[]): void {
  const incoming = parser({ protocolVersion: 4 });
  const send = (packet: Packet) => socket.write(generate(packet));
  socket.on('error', () => undefined);
  socket.on('data', (bytes) => incoming.parse(bytes));
  incoming.on('packet', (packet) => {
    received.push(packet);
    if (packet.cmd === 'connect' && packet.protocolVersion === 5) {
      if (manner === 'hangs up') socket.destroy();
      else socket.end(Buffer.from([0x20, 2, 0, 1])); // CONNACK: unacceptable protocol version
    } else if (packet.cmd === 'connect') {
      send({ cmd: 'connack', returnCode: 0, sessionPresent: false });
    } else if (packet.cmd === 'subscribe') {
      const granted = packet.subscriptions.map(() => 1 as const);
      send({ cmd: 'suback', messageId: packet.messageId ?? 0, granted });
    } else if (packet.cmd === 'publish') {
      send({ cmd: 'puback', messageId: packet.messageId ?? 0 });
    } else if (packet.cmd === 'pingreq') send({ cmd: 'pingresp' });
  });
}
