export function narrowCss(sheet: string): string;
export function narrowHtml(piece: string): string;
export function narrow(code: string, name: string): string;
