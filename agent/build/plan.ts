import { join } from 'node:path';
import { type Target, toolOf } from './target.ts';
import type { ToolCommand } from './toolchain.ts';

/**
 * C files that are compiled by the same arguments. Paths in a plan are the same on every machine, and debug information
 * names files by them: `build/...` is the folder of this build, `third-party/...` third-party C, and what else is not
 * absolute lies under the folder of package.json.
 */
export interface SourceGroup {
  /** Generated C is compiled where it sees its inputs alone; third-party C without our warnings, and cached. */
  readonly origin: 'ours' | 'generated' | 'third-party';
  readonly sources: readonly string[];
  readonly optimise: '-O1' | '-O2' | '-O3' | '-Os';
  readonly defines: readonly string[];
  /** Folders of our headers. */
  readonly includes: readonly string[];
  /** Folders of third-party headers. */
  readonly systemIncludes: readonly string[];
  /** On the host: watched by the sanitizers; default: yes. */
  readonly sanitized?: boolean;
}

/** A whole program, or the object of one model: which sources, compiled how, linked how. */
export interface BuildPlan {
  readonly target: Target;
  readonly groups: readonly SourceGroup[];
  readonly link: readonly string[];
  /** A script of firmware/boards/arm. */
  readonly linkScript?: string | undefined;
}

/** Where a plan is carried out on this machine. */
export interface BuildContext {
  /** Folder of package.json. */
  readonly root: string;
  /** Folder of third-party C. */
  readonly thirdParty: string;
  /** Folder for everything written; it must exist. */
  readonly out: string;
}

/** One file of a plan, and the command that compiles it. */
export interface CompileStep {
  readonly source: string;
  readonly object: string;
  readonly origin: SourceGroup['origin'];
  readonly command: ToolCommand;
}

const WARNINGS = ['-Wall', '-Wextra', '-Werror', '-Wconversion'] as const;
const SANITIZERS = ['-fsanitize=address,undefined', '-fno-sanitize-recover=all'];

/** The context whose folders are the names in a plan: commands in it are the same on every machine. */
export const NAMED_CONTEXT: BuildContext = { root: '.', thirdParty: 'third-party', out: 'build' };

/** The commands that compile a plan, one for each file. */
export function compileSteps(plan: BuildPlan, context: BuildContext): readonly CompileStep[] {
  const files = plan.groups.flatMap((group) => group.sources.map((source) => ({ group, source })));
  return files.map(({ group, source }, index) => {
    const object = join(context.out, `${index}.o`);
    const args = [
      ...argumentsOf(plan.target, group, context),
      ...['-c', pathOf(context, source), '-o', object],
    ];
    const command = { tool: toolOf(plan.target), args };
    return { source, object, origin: group.origin, command };
  });
}

/** The command that links a plan's objects. */
export function linkCommand(
  { target, link, linkScript }: BuildPlan,
  objects: readonly string[],
  context: BuildContext,
  output: string,
): ToolCommand {
  const scripts = pathOf(context, 'firmware/boards/arm');
  const script = linkScript === undefined ? [] : [`-L${scripts}`, `-T${join(scripts, linkScript)}`];
  const args = [...targetFlags(target), ...objects, ...link, ...script, '-o', output];
  return { tool: toolOf(target), args };
}

/** All but the file and its object. */
function argumentsOf(target: Target, group: SourceGroup, context: BuildContext): readonly string[] {
  const language = group.origin === 'third-party' ? ['-w'] : ['-std=c11', ...WARNINGS];
  return [
    ...targetFlags(target, group.sanitized),
    ...compileFlags(target),
    ...[...language, group.optimise, ...withoutPaths(target, context)],
    ...group.includes.map((folder) => `-I${pathOf(context, folder)}`),
    ...group.systemIncludes.flatMap((folder) => ['-isystem', pathOf(context, folder)]),
    ...group.defines,
  ];
}

/** What compiler and linker both have to know of a target. */
function targetFlags(target: Target, sanitized = true): readonly string[] {
  switch (target.kind) {
    case 'board':
      return [...target.flags, '-mthumb'];
    case 'wasm':
      return ['--target=wasm32', '-msimd128', '-mbulk-memory'];
    case 'portable':
      return [];
    case 'host':
      return sanitized ? SANITIZERS : [];
    default:
      return target satisfies never;
  }
}

function compileFlags(target: Target): readonly string[] {
  const sections = ['-ffunction-sections', '-fdata-sections'];
  switch (target.kind) {
    case 'board':
      return [...sections, '-g'];
    case 'wasm':
      return ['-ffreestanding'];
    case 'portable':
      return [];
    case 'host':
      return [...sections, '-gline-tables-only'];
    default:
      return target satisfies never;
  }
}

/** No path of the machine enters the bytes: the same sources give the same file everywhere. */
function withoutPaths(target: Target, { root, thirdParty, out }: BuildContext): readonly string[] {
  // The last that fits counts, and the others may lie below the root.
  const maps = [
    [root, NAMED_CONTEXT.root],
    [thirdParty, NAMED_CONTEXT.thirdParty],
    [out, NAMED_CONTEXT.out],
  ].map(([folder = '', name]) => `-ffile-prefix-map=${folder.replace(/\/$/, '')}=${name}`);
  // Else gcc names a cache behind a symbolic link by where it leads.
  return target.kind === 'board' ? [...maps, '-fno-canonical-system-headers'] : maps;
}

/** Where a path of a plan lies in a context. */
export function pathOf({ root, thirdParty, out }: BuildContext, path: string): string {
  if (path.startsWith('/')) return path;
  const [first, ...rest] = path.split('/');
  if (first === NAMED_CONTEXT.out) return join(out, ...rest);
  if (first === NAMED_CONTEXT.thirdParty) return join(thirdParty, ...rest);
  return join(root, path);
}
