import { createHash, createPrivateKey, createPublicKey, sign, verify } from 'node:crypto';
import { expect, test } from 'vitest';
import { concat, fromHex } from '../bytes.ts';
import { vectors } from '../vectors/load.ts';
import { parseVersion, versionText } from './format.ts';
import {
  buildImage,
  imageBoardId,
  imageFault,
  imageSecurityCounter,
  parseImage,
  type Signer,
  spkiOf,
  type Verifier,
} from './image.ts';
import { readTrailer, swapDecision } from './trailer.ts';

const sha256 = (bytes: Uint8Array): Uint8Array => createHash('sha256').update(bytes).digest();

function cryptoOf(seed: Uint8Array, publicKey: Uint8Array): Signer & Verifier {
  const pkcs8 = concat([fromHex('302e020100300506032b657004220420'), seed]);
  const secret = createPrivateKey({ key: Buffer.from(pkcs8), format: 'der', type: 'pkcs8' });
  const open = createPublicKey({
    key: Buffer.from(spkiOf(publicKey)),
    format: 'der',
    type: 'spki',
  });
  return {
    sha256,
    publicKey,
    sign: (message) => sign(null, message, secret),
    verify: (message, signature) => verify(null, message, open, signature),
  };
}

function must<T>(result: { readonly ok: true; readonly value: T } | { readonly ok: false }): T {
  if (!result.ok) throw new Error(JSON.stringify(result));
  return result.value;
}

test.each(vectors.images)(
  'imgtool, $name: parsed, verified, and built again byte for byte',
  (vector) => {
    const crypto = cryptoOf(vector.seed, vector.public);
    const image = must(parseImage(vector.image));
    expect(imageFault(image, crypto)).toBeUndefined();
    expect(imageBoardId(image)).toBe(vector.board);
    expect(imageSecurityCounter(image)).toBe(vector.counter);
    expect(image.header.version).toEqual(must(parseVersion(vector.version)));
    expect(image.body).toEqual(vector.body);
    const built = buildImage(
      {
        body: vector.body,
        version: must(parseVersion(vector.version)),
        headerSize: vector.header,
        securityCounter: vector.counter,
        boardId: vector.board,
      },
      crypto,
    );
    expect(built).toEqual(vector.image.slice(0, image.size));
  },
);

test('the trailers imgtool pads a slot with mean a test and a permanent swap', () => {
  const decisions = vectors.images.map((vector) => {
    const erased = readTrailer(new Uint8Array(64).fill(0xff));
    return swapDecision(erased, readTrailer(vector.image));
  });
  expect(decisions).toEqual(['none', 'test', 'permanent']);
});

test('an unconfirmed image that was swapped in is reverted, a confirmed one is not', () => {
  const slot1 = readTrailer(new Uint8Array(64).fill(0xff));
  expect(swapDecision({ magic: 'good', copyDone: 'set', imageOk: 'unset' }, slot1)).toBe('revert');
  expect(swapDecision({ magic: 'good', copyDone: 'set', imageOk: 'set' }, slot1)).toBe('none');
  expect(swapDecision({ magic: 'good', copyDone: 'unset', imageOk: 'unset' }, slot1)).toBe('none');
});

test('no single flipped bit of an image passes', () => {
  const vector = vectors.images[0];
  if (vector === undefined) throw new Error('no image vector');
  const crypto = cryptoOf(vector.seed, vector.public);
  for (let bit = 0; bit < vector.image.length * 8; bit++) {
    const wrong = vector.image.slice();
    wrong[bit >> 3] = (wrong[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    const image = parseImage(wrong);
    if (image.ok) expect(imageFault(image.value, crypto), `bit ${bit}`).toBeDefined();
  }
});

test('no truncation of an image parses', () => {
  const whole = vectors.images[0]?.image ?? new Uint8Array();
  for (let end = 0; end < whole.length; end++)
    expect(parseImage(whole.subarray(0, end)).ok).toBe(false);
});

test('a foreign key and a missing signature are named', () => {
  const vector = vectors.images[0];
  if (vector === undefined) throw new Error('no image vector');
  const crypto = cryptoOf(vector.seed, vector.public);
  const image = must(parseImage(vector.image));
  expect(imageFault(image, { ...crypto, publicKey: new Uint8Array(32) })).toBe('foreign-key');
  const unsigned = { ...image, tlvs: image.tlvs.filter((tlv) => tlv.type === 0x10) };
  expect(imageFault(unsigned, crypto)).toBe('unsigned');
});

test('versions are printed as servers print them and refused when a part is too large', () => {
  expect(versionText(must(parseVersion('1.2.3+4')))).toBe('1.2.3.4');
  expect(versionText(must(parseVersion('1.2.3')))).toBe('1.2.3');
  for (const wrong of ['', '1', 'a.b.c', '256.0.0', '1.0.65536', '1.2.3.4294967296']) {
    expect(parseVersion(wrong).ok).toBe(false);
  }
});
