/**
 * TypeScript source as the tidy test reads it: without comments, without the contents of strings, and its imports.
 *
 * A scanner, not a parser: it knows comments, strings, templates and regular expressions, which is enough to never
 * take a word in a sentence for code.
 *
 * @module
 */

/** One file in the three forms that rules are about. All have the same length and line numbers. */
export interface SourceText {
  /** As written. */
  readonly whole: string;
  /** Comments blanked. */
  readonly uncommented: string;
  /** Comments blanked, and the insides of strings, templates and regular expressions. */
  readonly code: string;
}

/** Splits `whole` into its forms. */
export function readSource(whole: string): SourceText {
  const uncommented = [...blank(whole)];
  const code = [...uncommented];
  for (const span of scanSpans(whole)) {
    for (let at = span.start; at < span.end; at++) {
      if (whole[at] === "\n") {
        uncommented[at] = code[at] = "\n";
        continue;
      }
      code[at] = span.kind === "code" ? whole[at]! : " ";
      if (span.kind !== "comment") uncommented[at] = whole[at]!;
    }
  }
  return { whole, uncommented: uncommented.join(""), code: code.join("") };
}

/** Specifiers of every static import, export … from, and dynamic import of a string. */
export function listImports(source: SourceText): string[] {
  const specifiers: string[] = [];
  const forms = [
    /\b(?:import|export)\b[^;"'`()=]*?\bfrom\s*["']([^"']+)["']/g,
    /\bimport\s*["']([^"']+)["']/g,
    /\bimport\s*\(\s*["'`]([^"'`]+)["'`]/g,
  ];
  for (const form of forms) {
    for (const match of source.uncommented.matchAll(form)) {
      // The keyword must be code, not a word in a string.
      if (/\w/.test(source.code[match.index]!)) specifiers.push(match[1]!);
    }
  }
  return specifiers;
}

interface Span {
  readonly kind: "code" | "comment" | "literal";
  readonly start: number;
  readonly end: number;
}

function blank(text: string): string {
  return text.replace(/[^\n]/g, " ");
}

/** Consecutive spans that cover `text`. Quotes and slashes of literals count as code. */
function* scanSpans(text: string): Generator<Span> {
  let at = 0;
  let codeStart = 0;
  /** Open braces of template substitutions: how many braces are open inside each. */
  const templates: number[] = [];
  while (at < text.length) {
    const two = text.slice(at, at + 2);
    const char = text[at]!;
    let kind: Span["kind"] | null = null;
    let end = at;
    if (two === "//") {
      kind = "comment";
      end = indexOrEnd(text, "\n", at);
    } else if (two === "/*") {
      kind = "comment";
      end = Math.min(indexOrEnd(text, "*/", at + 2) + 2, text.length);
    } else if (char === '"' || char === "'") {
      kind = "literal";
      end = endOfQuoted(text, at, char);
    } else if (char === "`" || (char === "}" && templates.at(-1) === 0)) {
      if (char === "}") templates.pop();
      kind = "literal";
      end = endOfTemplatePart(text, at + 1);
      if (text.startsWith("${", end - 2)) templates.push(0);
    } else if (char === "/" && regexMayBegin(text, at)) {
      kind = "literal";
      end = endOfRegex(text, at);
    }
    if (kind === null) {
      if (char === "{" && templates.length > 0) templates[templates.length - 1]! += 1;
      if (char === "}" && templates.length > 0) templates[templates.length - 1]! -= 1;
      at += 1;
      continue;
    }
    yield { kind: "code", start: codeStart, end: at };
    yield { kind, start: at, end };
    at = codeStart = end;
  }
  yield { kind: "code", start: codeStart, end: at };
}

function indexOrEnd(text: string, wanted: string, from: number): number {
  const index = text.indexOf(wanted, from);
  return index < 0 ? text.length : index;
}

function endOfQuoted(text: string, start: number, quote: string): number {
  for (let at = start + 1; at < text.length; at++) {
    if (text[at] === "\\") at += 1;
    else if (text[at] === quote || text[at] === "\n") return at + 1;
  }
  return text.length;
}

/** After the closing backquote, or after the `${` of a substitution. */
function endOfTemplatePart(text: string, start: number): number {
  for (let at = start; at < text.length; at++) {
    if (text[at] === "\\") at += 1;
    else if (text[at] === "`") return at + 1;
    else if (text[at] === "$" && text[at + 1] === "{") return at + 2;
  }
  return text.length;
}

/** A slash divides after a value and begins a regular expression everywhere else. */
function regexMayBegin(text: string, at: number): boolean {
  const before = text.slice(Math.max(0, at - 40), at).trimEnd();
  return before === "" || /[(,=:[!&|?{};+*%<>~^-]$/.test(before) ||
    /\b(return|typeof|case|in|of|yield|await|void)$/.test(before);
}

function endOfRegex(text: string, start: number): number {
  let isClass = false;
  for (let at = start + 1; at < text.length; at++) {
    const char = text[at]!;
    if (char === "\\") at += 1;
    else if (char === "\n") return at;
    else if (char === "[") isClass = true;
    else if (char === "]") isClass = false;
    else if (char === "/" && !isClass) return at + 1;
  }
  return text.length;
}
