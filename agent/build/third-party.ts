import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../base/errors.ts';
import { packageRoot } from '../base/root.ts';
import { filesHint } from '../base/set-up-hint.ts';
import type { SourceGroup } from './plan.ts';

// Other people's C, fetched and verified by deploy/setup.d/firmware-sources.

const SODIUM = 'libsodium-1.0.20/src/libsodium';
const ZCBOR = 'zcbor-0.9.1';

const sodium = (path: string): string => `third-party/${SODIUM}/${path}`;
const zcbor = (path: string): string => `third-party/${ZCBOR}/${path}`;

const sodiumIncludes = ['include', 'include/sodium', 'crypto_sign/ed25519/ref10'].map(sodium);
const zcborIncludes = [zcbor('include')];

const hash = ['crypto_hash/sha256/cp/hash_sha256_cp.c'].map(sodium);
const signature = [
  'crypto_sign/ed25519/ref10/open.c',
  'crypto_core/ed25519/ref10/ed25519_ref10.c',
  'crypto_hash/sha512/cp/hash_sha512_cp.c',
  'crypto_verify/verify.c',
].map(sodium);
const cbor = ['zcbor_common.c', 'zcbor_decode.c', 'zcbor_encode.c'].map((name) =>
  zcbor(`src/${name}`),
);

/** Folders of their headers, as our sources see them. */
export const THIRD_PARTY_INCLUDES: readonly string[] = [...sodiumIncludes, ...zcborIncludes];

/** zcbor writes definite lengths, as VENDOR.md wants them, only under this definition. */
export const ZCBOR_DEFINE = '-DZCBOR_CANONICAL';

const compiled = { origin: 'third-party', optimise: '-Os', systemIncludes: [] } as const;

/** SHA-256; with `verifies`, also the verification of Ed25519 signatures and the SHA-512 it needs. */
export function sodiumGroup(verifies: boolean): SourceGroup {
  const sources = verifies ? [...hash, ...signature] : hash;
  return { ...compiled, sources, includes: sodiumIncludes, defines: ['-DSODIUM_STATIC=1'] };
}

/** Reader and writer of CBOR. */
export const zcborGroup: SourceGroup = {
  ...compiled,
  ...{ sources: cbor, includes: zcborIncludes, defines: [ZCBOR_DEFINE] },
};

/** The folder of all of it: in the package or the cache. @throws UserError that says which command brings it */
export function findThirdParty(cache: string): string {
  const brought = join(packageRoot, 'third-party');
  const root = existsSync(brought) ? brought : join(cache, 'firmware');
  const missing = [SODIUM, ZCBOR].map((name) => join(root, name)).find((path) => !existsSync(path));
  if (missing === undefined) return root;
  throw new UserError('firmware-sources', `${missing} is missing`, { hint: filesHint() });
}
