// Server-sent events from a byte stream (WHATWG HTML, section 9.2.6). Push text as it comes, take messages out.
// One event may have at most kMaxEvent characters: what grows beyond is dropped with its event, never kept.
export interface SseMessage {
  event: string;
  data: string;
  id: string;
}

const kMaxEvent = 4 * 1024 * 1024;

export class SseParser {
  /** The last id seen, for Last-Event-ID. */
  lastId = '';
  private rest = '';
  private event = '';
  private data: string[] = [];
  private size = 0;
  private overflow = false;
  private afterCarriageReturn = false;

  push(text: string): SseMessage[] {
    const messages: SseMessage[] = [];
    if (text === '') return messages;
    const half = this.afterCarriageReturn && text.startsWith('\n');
    this.afterCarriageReturn = text.endsWith('\r');
    if (half) text = text.slice(1);
    const lines = text.split(/\r\n|\n|\r/);
    lines[0] = this.rest + lines[0]!;
    this.rest = lines.pop()!;
    if (this.rest.length > kMaxEvent) {
      this.rest = '';
      this.overflow = true;
    }
    for (const line of lines) this.line(line, messages);
    return messages;
  }

  private line(line: string, messages: SseMessage[]): void {
    if (line === '') {
      if (this.data.length > 0 && !this.overflow)
        messages.push({ event: this.event || 'message', data: this.data.join('\n'), id: this.lastId });
      this.event = '';
      this.data = [];
      this.size = 0;
      this.overflow = false;
      return;
    }
    const colon = line.indexOf(':');
    if (colon === 0) return;
    const field = colon < 0 ? line : line.slice(0, colon);
    let value = colon < 0 ? '' : line.slice(colon + 1);
    if (value.startsWith(' ')) value = value.slice(1);
    if (field === 'event') this.event = value;
    else if (field === 'id' && !value.includes('\0')) this.lastId = value;
    else if (field === 'data') {
      this.size += value.length;
      if (this.size > kMaxEvent) this.overflow = true;
      else this.data.push(value);
    }
  }
}
