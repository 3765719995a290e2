/**
 * Patterns of names, after Python's `fnmatch.fnmatchcase`: `*`, `?`, `[abc]`, `[a-z]`, `[!a]`.
 *
 * Time is at most proportional to the product of both lengths, whatever the pattern.
 *
 * @module
 */

/** Whether `text` as a whole matches `pattern`. */
export function matchesGlob(text: string, pattern: string): boolean {
  const characters = [...text];
  const tokens = tokensOf(pattern);
  let at = 0;
  let token = 0;
  // Where to go on if the characters after the last star turn out not to match.
  let starToken = -1;
  let starAt = 0;
  while (at < characters.length) {
    const current = tokens[token];
    if (current === "*") {
      starToken = token++;
      starAt = at;
    } else if (current !== undefined && current.includes(characters[at]!)) {
      token++;
      at++;
    } else if (starToken >= 0) {
      token = starToken + 1;
      at = ++starAt;
    } else {
      return false;
    }
  }
  while (tokens[token] === "*") token++;
  return token === tokens.length;
}

type Token = "*" | { includes(character: string): boolean };

const anyCharacter = { includes: () => true };

function tokensOf(pattern: string): Token[] {
  const characters = [...pattern];
  const tokens: Token[] = [];
  for (let i = 0; i < characters.length; i++) {
    const character = characters[i]!;
    // "]" right behind "[" or "[!" is one of the set.
    const isNegated = characters[i + 1] === "!";
    const first = i + (isNegated ? 2 : 1);
    const end = character === "[" ? characters.indexOf("]", first + 1) : -1;
    if (character === "*") tokens.push("*");
    else if (character === "?") tokens.push(anyCharacter);
    else if (end < 0) tokens.push({ includes: (other: string) => other === character });
    else {
      tokens.push(setOf(characters.slice(first, end), isNegated));
      i = end;
    }
  }
  return tokens;
}

function setOf(members: readonly string[], isNegated: boolean): Token {
  const ranges: [from: string, to: string][] = [];
  for (let i = 0; i < members.length; i++) {
    const isRange = members[i + 1] === "-" && i + 2 < members.length;
    ranges.push([members[i]!, members[isRange ? i + 2 : i]!]);
    if (isRange) i += 2;
  }
  const code = (character: string) => character.codePointAt(0)!;
  return {
    includes: (other: string) =>
      isNegated !==
        ranges.some(([from, to]) => code(from) <= code(other) && code(other) <= code(to)),
  };
}
