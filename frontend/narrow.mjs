// Make template strings smaller, which the minifier leaves as they are. Nothing that is drawn changes.
import { readdirSync } from "node:fs";
import ts from "typescript";

// Strings keep their spaces.
const betweenStrings = (sheet, change) =>
  sheet.replace(/"[^"]*"|[^"]+/g, (part) => (part[0] === '"' ? part : change(part)));

/** Return a style sheet without comments and needless spaces. */
export function narrowCss(sheet) {
  return betweenStrings(sheet.replace(/\/\*.*?\*\//gs, ""), (part) =>
    part
      .replace(/\s+/g, " ")
      .replace(/ ?([{};]) ?/g, "$1")
      .replace(/([:,]) /g, "$1")
      .replace(/;}/g, "}"),
  );
}

/** Return a piece of HTML in which each line break is a space, or nothing before the end of a tag. */
export function narrowHtml(piece) {
  return piece.replace(/\s*\n\s*>/g, ">").replace(/\s*\n\s*/g, " ");
}

const literals = ({ template }) =>
  ts.isNoSubstitutionTemplateLiteral(template)
    ? [template]
    : [template.head, ...template.templateSpans.map(({ literal }) => literal)];

/** Narrow the templates of a source file. In elements that keep white space as it is, templates stay as they are. */
export function narrow(code, name) {
  const source = ts.createSourceFile(name, code, ts.ScriptTarget.Latest, true);
  const pieces = [];
  const visit = (node) => {
    if (ts.isTaggedTemplateExpression(node)) {
      const change = { css: narrowCss, html: /<(pre|textarea)\b/.test(node.getText()) ? undefined : narrowHtml };
      const tag = node.tag.getText();
      if (Object.hasOwn(change, tag) && change[tag]) {
        for (const literal of literals(node)) pieces.push([literal.getStart(), literal.getEnd(), change[tag]]);
      }
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  let from = 0;
  let narrowed = "";
  for (const [start, end, change] of pieces.sort(([a], [b]) => a - b)) {
    narrowed += code.slice(from, start) + change(code.slice(start, end));
    from = end;
  }
  return narrowed + code.slice(from);
}

/** The plugin: templates are narrow, and the page's style sheets lie side by side, where they pack better. */
export const narrowTemplates = {
  name: "narrow-templates",
  enforce: "pre",
  transform(code, id) {
    if (!id.endsWith(".ts")) return null;
    const narrowed = narrow(code, id);
    if (!id.endsWith("/elements/page.ts")) return narrowed;
    // The card's own sheet is none of the page's.
    const sheets = readdirSync(new URL("src/styles", import.meta.url)).filter((file) => file !== "card.ts");
    return (
      sheets
        .sort()
        .map((file) => `import "../styles/${file}";`)
        .join("") + narrowed
    );
  },
};
