import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { UserError } from '../errors.ts';
import { packageRoot } from '../root.ts';

/** Other people's C, fetched and verified by deploy/setup.d/firmware-sources. */
export type ThirdParty = {
  /** Folder of all of it. */
  readonly root: string;
  readonly sodium: {
    readonly includes: readonly string[];
    /** SHA-256. */
    readonly hash: readonly string[];
    /** Verification of Ed25519, and the SHA-512 it needs. */
    readonly signature: readonly string[];
  };
  /** CBOR reader and writer. */
  readonly zcbor: { readonly includes: readonly string[]; readonly sources: readonly string[] };
};

/** The folder deploy/setup keeps downloads in. */
export function cacheFolder(env: NodeJS.ProcessEnv): string {
  return env.OTOLITH_CACHE ?? join(env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'otolith');
}

const hashFiles = ['crypto_hash/sha256/cp/hash_sha256_cp.c'];

const signatureFiles = [
  'crypto_sign/ed25519/ref10/open.c',
  'crypto_core/ed25519/ref10/ed25519_ref10.c',
  'crypto_hash/sha512/cp/hash_sha512_cp.c',
  'crypto_verify/verify.c',
];

const cborFiles = ['zcbor_common.c', 'zcbor_decode.c', 'zcbor_encode.c'];

/** Finds the sources in the package or the cache, or says which command brings them. */
export function findThirdParty(cache: string): ThirdParty {
  const [brought, fetched] = [join(packageRoot, 'third-party'), join(cache, 'firmware')];
  const found = thirdPartyIn(existsSync(brought) ? brought : fetched);
  for (const folder of found.folders) {
    if (!existsSync(folder)) {
      throw new UserError('firmware-sources', `${folder} is missing`, { mend: 'run deploy/setup' });
    }
  }
  return found;
}

/** The sources as they lie in a folder. */
export function thirdPartyIn(root: string): ThirdParty & { readonly folders: readonly string[] } {
  const sodium = join(root, 'libsodium-1.0.20/src/libsodium');
  const zcbor = join(root, 'zcbor-0.9.1');
  return {
    root,
    folders: [sodium, zcbor],
    sodium: {
      includes: [
        join(sodium, 'include'),
        join(sodium, 'include/sodium'),
        join(sodium, 'crypto_sign/ed25519/ref10'),
      ],
      hash: hashFiles.map((file) => join(sodium, file)),
      signature: signatureFiles.map((file) => join(sodium, file)),
    },
    zcbor: {
      includes: [join(zcbor, 'include')],
      sources: cborFiles.map((file) => join(zcbor, 'src', file)),
    },
  };
}
