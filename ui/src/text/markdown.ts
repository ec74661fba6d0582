// A small subset of Markdown as a tree: headings, paragraphs, lists (one level), fenced code, `code`, **bold**,
// *emphasis*, [links](https://...). No HTML, no nesting of inlines, one pass over the lines: hostile text costs time
// linear in its length and can only ever become text.
import { safeHref } from './visible';

export type Inline =
  | { kind: 'text' | 'code' | 'strong' | 'em'; text: string }
  | { kind: 'link'; text: string; href: string };
export type Block =
  | { kind: 'heading'; level: 1 | 2 | 3; content: Inline[] }
  | { kind: 'paragraph'; content: Inline[] }
  | { kind: 'list'; ordered: boolean; items: Inline[][] }
  | { kind: 'code'; text: string };

const kMaxLength = 64 * 1024;
const kInline =
  /`([^`\n]{1,500})`|\*\*([^*\n]{1,500})\*\*|\*([^*\s][^*\n]{0,500})\*|\[([^\]\n[]{1,300})\]\(([^)\s]{1,1000})\)|(https?:\/\/[^\s<>()"'`]{1,1000})/g;

export function inlines(text: string): Inline[] {
  const out: Inline[] = [];
  let end = 0;
  const plain = (to: number) => {
    if (to > end) out.push({ kind: 'text', text: text.slice(end, to) });
  };
  for (const match of text.matchAll(kInline)) {
    const [whole, code, strong, em, label, address, bare] = match;
    let piece: Inline | null = null;
    if (code !== undefined) piece = { kind: 'code', text: code };
    else if (strong !== undefined) piece = { kind: 'strong', text: strong };
    else if (em !== undefined) piece = { kind: 'em', text: em };
    else {
      const href = safeHref(address ?? bare ?? '');
      if (href) piece = { kind: 'link', text: label ?? bare ?? href, href };
    }
    if (!piece) continue;
    plain(match.index);
    out.push(piece);
    end = match.index + whole.length;
  }
  plain(text.length);
  return out;
}

export function parseMarkdown(source: string): Block[] {
  const blocks: Block[] = [];
  let paragraph: string[] = [];
  let fence: string[] | null = null;
  const flush = () => {
    if (paragraph.length > 0) blocks.push({ kind: 'paragraph', content: inlines(paragraph.join(' ')) });
    paragraph = [];
  };
  for (const line of source.slice(0, kMaxLength).split(/\r?\n/)) {
    if (fence) {
      if (line.startsWith('```')) {
        blocks.push({ kind: 'code', text: fence.join('\n') });
        fence = null;
      } else fence.push(line);
      continue;
    }
    if (line.startsWith('```')) {
      flush();
      fence = [];
      continue;
    }
    const heading = /^(#{1,6})\s+(\S.*)$/.exec(line);
    const item = /^\s{0,3}(?:[-*+]|(\d{1,3})[.)])\s+(\S.*)$/.exec(line);
    if (heading) {
      flush();
      blocks.push({ kind: 'heading', level: Math.min(3, heading[1]!.length) as 1 | 2 | 3, content: inlines(heading[2]!) });
    } else if (item) {
      flush();
      const ordered = item[1] !== undefined;
      const last = blocks.at(-1);
      if (last?.kind === 'list' && last.ordered === ordered) last.items.push(inlines(item[2]!));
      else blocks.push({ kind: 'list', ordered, items: [inlines(item[2]!)] });
    } else if (line.trim() === '') flush();
    else paragraph.push(line.trim());
  }
  if (fence) blocks.push({ kind: 'code', text: fence.join('\n') });
  flush();
  return blocks;
}
