/** Markup that is safe to put into a page as it is. */
export class Html {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

type Part = string | number | Html | readonly Html[];

/** A template whose values are escaped, but for markup made by this very function. */
export function html(strings: TemplateStringsArray, ...values: readonly Part[]): Html {
  return new Html(
    strings.reduce((text, string, i) => `${text}${markup(values[i - 1] ?? '')}${string}`),
  );
}

function markup(part: Part): string {
  if (part instanceof Html) return part.text;
  if (typeof part === 'object') return part.map(({ text }) => text).join('\n');
  return escaped(String(part));
}

/** Characters that end text or an attribute, and control characters, which no page needs. */
function escaped(text: string): string {
  return text
    .replace(/[^\P{Cc}\n\t]/gu, '\u{fffd}')
    .replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);
}

/** A table of two columns: what, and its value. */
export function factTable(facts: readonly (readonly [string, Part])[]): Html {
  const rows = facts.map(
    ([name, value]) => html`<tr><th scope="row">${name}</th><td>${value}</td></tr>`,
  );
  return html`<table class="facts">${rows}</table>`;
}
