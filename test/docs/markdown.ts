import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../agent/base/root.ts';

/** A fenced block: its language, its text, and the line its text begins at. */
export interface Block {
  readonly language: string;
  readonly text: string;
  readonly line: number;
}

/** Every Markdown file of the repository, by its path from the root; those not added yet count too. */
export function documents(): readonly string[] {
  const listed = ['ls-files', '--cached', '--others', '--exclude-standard', '*.md'];
  const files = execFileSync('git', listed, { cwd: packageRoot, encoding: 'utf8' });
  return [...new Set(files.trim().split('\n'))];
}

export const textOf = (path: string) => readFileSync(join(packageRoot, path), 'utf8');

const FENCE = /^(\s*)(```+)(\w*)\s*$/;

/** Fenced blocks, and the rest with the same line numbers. */
export function splitBlocks(markdown: string): {
  readonly blocks: Block[];
  readonly prose: string;
} {
  const blocks: Block[] = [];
  const prose: string[] = [];
  let open: { fence: string; language: string; line: number; lines: string[] } | undefined;
  for (const [at, line] of markdown.split('\n').entries()) {
    const [, , fence, language = ''] = FENCE.exec(line) ?? [];
    if (open === undefined && fence !== undefined) {
      open = { fence, language, line: at + 2, lines: [] };
    } else if (open !== undefined && fence === open.fence) {
      blocks.push({ language: open.language, text: open.lines.join('\n'), line: open.line });
      open = undefined;
    } else open?.lines.push(line);
    prose.push(open === undefined && fence === undefined ? line : '');
  }
  if (open !== undefined) throw new Error(`the block of line ${open.line} is never closed`);
  return { blocks, prose: prose.join('\n') };
}

/** Anchors of the headings, as GitHub makes them: lower case, hyphens for spaces, a number where one comes again. */
export function anchorsOf(markdown: string): ReadonlySet<string> {
  const seen = new Map<string, number>();
  const anchors = new Set<string>();
  for (const [, heading = ''] of splitBlocks(markdown).prose.matchAll(/^#{1,6} +(.+?) *#*$/gm)) {
    const text = heading.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1');
    const anchor = text
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(/\s/g, '-');
    const count = seen.get(anchor) ?? 0;
    seen.set(anchor, count + 1);
    anchors.add(count === 0 ? anchor : `${anchor}-${count}`);
  }
  return anchors;
}

/** Targets of links and pictures, with their lines. */
export function linksOf(markdown: string): readonly { target: string; line: number }[] {
  return splitBlocks(markdown)
    .prose.split('\n')
    .flatMap((text, at) => {
      const plain = text.replaceAll(/`[^`]*`/g, '');
      const inText = [...plain.matchAll(/\]\(([^)\s]+)[^)]*\)/g)].map(([, target = '']) => target);
      const tags = plain.matchAll(/(?:src|href|srcset)="([^"]+)"/g);
      return [...inText, ...[...tags].map(([, target = '']) => target)].map((target) => ({
        target,
        line: at + 1,
      }));
    });
}
