import { mkdtempSync, readFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer as createTlsServer, type TlsOptions } from 'node:tls';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { reasonOf } from '../../agent/base/errors.ts';
import { type ConnectionOptions, connect } from '../../agent/publish/mqtt-connection.ts';
import { TestBroker } from './broker.ts';
import { Certificates } from './certificates.ts';

const certificates = new Certificates(mkdtempSync(join(tmpdir(), 'otolith-tls-')));
const read = (name: string) => readFileSync(certificates.path(name));

beforeAll(() => {
  for (const name of ['ca', 'stranger']) certificates.selfSigned(name);
  certificates.selfSigned('alone', 'localhost');
  certificates.signed('good', 'ca');
  certificates.signed('old', 'ca', 'localhost', [2020, 2021]);
  certificates.signed('early', 'ca', 'localhost', [2048, 2049]);
  certificates.signed('elsewhere', 'ca', 'broker.example');
  certificates.signed('client', 'ca', 'gateway');
  certificates.signed('foreign', 'stranger', 'gateway');
});

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

function listen(server: Server): Promise<number> {
  cleanups.push(() => server.close());
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
  });
}

/** A TLS port that nothing gets through to. */
function tlsPort(name: string, more: TlsOptions = {}): Promise<number> {
  const own = { cert: read(`${name}.pem`), key: read(`${name}.key`) };
  const server = createTlsServer({ ...own, ...more }, (socket) => {
    socket.on('error', () => undefined);
    socket.end();
  });
  server.on('tlsClientError', () => undefined);
  return listen(server);
}

/** The line that reports a failed attempt. */
async function lineOf(url: string, more: Partial<ConnectionOptions> = {}): Promise<string> {
  const options: ConnectionOptions = {
    url,
    version: 'auto',
    clientId: 'test',
    keepAliveMs: 30_000,
    will: { topic: 'w', payload: '' },
    verify: true,
    limits: { connectMs: 3000 },
    ca: read('ca.pem'),
    onMessage: () => undefined,
    ...more,
  };
  const failure = await connect(options, new AbortController().signal).then(
    async (link) => {
      await link.end();
      return 'connected';
    },
    (error: unknown) => reasonOf(error),
  );
  expect(failure).not.toContain('\n');
  return failure;
}

describe('each failure of TLS has its own advice', () => {
  const servers: readonly (readonly [string, string, TlsOptions, RegExp])[] = [
    [
      'an expired certificate',
      'old',
      {},
      /has expired; renew it at the broker; if it is new, set this/,
    ],
    ['one that is not valid yet', 'early', {}, /not valid yet; set this machine's clock/],
    [
      'one for another host',
      'elsewhere',
      {},
      /for another host .*broker\.example.*; name the host in/,
    ],
    [
      'one signed by itself',
      'alone',
      {},
      /not trusted .*; set mqtt.tls.ca to that very certificate/,
    ],
    [
      'old versions of TLS',
      'good',
      { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' },
      /no TLS version or cipher in common .*; let the broker offer TLS 1.2 or 1.3/,
    ],
  ];
  it.each(servers)('%s', async (_, name, more, line) => {
    const port = await tlsPort(name, more);
    expect(await lineOf(`mqtts://localhost:${port}`)).toMatch(line);
    expect(await lineOf(`wss://localhost:${port}`)).toMatch(line);
  });

  it('an authority that is not ours', async () => {
    const port = await tlsPort('good');
    const line = await lineOf(`mqtts://localhost:${port}`, { ca: read('stranger.pem') });
    expect(line).toMatch(/not trusted .*; set mqtt.tls.ca to the certificate authority/);
  });

  it('a port of plain text', async () => {
    const http = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.end('HTTP/1.1 400 Bad Request\r\n\r\n');
    });
    const advice =
      /does not answer in TLS .*; name the broker's TLS port in mqtt.url \(usually 8883\)/;
    expect(await lineOf(`mqtts://localhost:${await listen(http)}`)).toMatch(advice);
    const broker = await TestBroker.create();
    await broker.start();
    cleanups.push(() => broker.kill());
    expect(await lineOf(`mqtts://localhost:${broker.port}`)).toMatch(
      /TLS port .*usually 8883; 1883 is plain/,
    );
  });

  it('plain text to a port of TLS', async () => {
    const port = await tlsPort('good');
    expect(await lineOf(`mqtt://localhost:${port}`)).toMatch(
      /no connection .*TLS port write mqtts:/,
    );
  });

  it('client certificates that a real broker wants and refuses, whichever TLS', async () => {
    for (const version of ['tlsv1.2', 'tlsv1.3']) {
      const broker = await TestBroker.create(() => [
        'allow_anonymous true',
        `cafile ${certificates.path('ca.pem')}`,
        `certfile ${certificates.path('good.pem')}`,
        `keyfile ${certificates.path('good.key')}`,
        `tls_version ${version}`,
        'require_certificate true',
      ]);
      await broker.start();
      cleanups.push(() => broker.kill());
      const url = `mqtts://localhost:${broker.port}`;
      const own = (name: string) => ({ cert: read(`${name}.pem`), key: read(`${name}.key`) });
      expect(await lineOf(url)).toMatch(/asks for a client certificate .*; set mqtt.tls.cert and/);
      expect(await lineOf(url, own('foreign'))).toMatch(
        /refused this gateway's certificate .*; set/,
      );
      expect(await lineOf(url, own('client'))).toBe('connected');
    }
  }, 60_000);
});
