// @vitest-environment node
import { describe, expect, it } from "vitest";
import { narrow, narrowCss, narrowHtml } from "../narrow.mjs";

describe("a style sheet", () => {
  it("loses comments and spaces that mean nothing", () => {
    expect(narrowCss(`\n  /* Why; { */ a :hover,\n  b > i {\n    color: red;\n    margin: 0 -1px;\n  }\n`)).toBe(
      " a :hover,b > i{color:red;margin:0 -1px}",
    );
  });

  it("keeps the spaces that mean something", () => {
    const kept = '@media (pointer:coarse) and (width > 3px){.a .b :is(p){width:calc(1px + 2px);content:" : ; "}}';
    expect(narrowCss(kept)).toBe(kept);
  });
});

describe("a piece of HTML", () => {
  it("keeps words and tags apart", () => {
    expect(narrowHtml('<b>one</b>\n    two\n  <i\n    class="a"\n    >three</i\n  > four')).toBe(
      '<b>one</b> two <i class="a">three</i> four',
    );
  });

  it("keeps spaces within a line", () => {
    expect(narrowHtml("<b>  a  b </b> c")).toBe("<b>  a  b </b> c");
  });
});

describe("a source file", () => {
  it("is narrowed within templates alone, however deep", () => {
    const code =
      "const a = `\n  b`;\nhtml`<p>\n  ${c ? html`<b\n  >${'\\n  '}</b>` : `\n `}\n</p>`;\ncss`a {\n  b: ${c};\n}`;\n";
    expect(narrow(code, "a.ts")).toBe(
      "const a = `\n  b`;\nhtml`<p> ${c ? html`<b>${'\\n  '}</b>` : `\n `} </p>`;\ncss`a{b:${c}}`;\n",
    );
  });

  it("keeps what preserves white space as it is", () => {
    const code = "html`<div>\n  <pre>\n  ${a}</pre></div>`;";
    expect(narrow(code, "a.ts")).toBe(code);
  });
});
