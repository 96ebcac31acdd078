import type { BuildPlan, SourceGroup } from './plan.ts';
import { sodiumGroup, THIRD_PARTY_INCLUDES, ZCBOR_DEFINE, zcborGroup } from './third-party.ts';

/** Parts of the firmware and what drives them, as a program of this machine. */
export type HostProgram = Pick<SourceGroup, 'sources' | 'includes'> &
  Partial<Pick<SourceGroup, 'defines'>>;

/** The same firmware under ASan and UBSan, our warnings as errors. */
export function hostPlan({ sources, includes, defines = [] }: HostProgram): BuildPlan {
  const ours: SourceGroup = {
    ...{ origin: 'ours', sources, includes, optimise: '-O1', systemIncludes: THIRD_PARTY_INCLUDES },
    defines: ['-D_DEFAULT_SOURCE', ZCBOR_DEFINE, ...defines],
  };
  // The signature code is proven and takes most of the time: only the parser is watched.
  const sodium: SourceGroup = { ...sodiumGroup(true), optimise: '-O2', sanitized: false };
  const groups = [ours, sodium, { ...zcborGroup, optimise: '-O1' } as const];
  return { target: { kind: 'host' }, groups, link: ['-Wl,--gc-sections'] };
}
