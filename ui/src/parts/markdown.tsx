import { parseMarkdown, type Inline } from '../text/markdown';
import { Text } from './text';

function Inlines({ of }: { of: Inline[] }) {
  return (
    <>
      {of.map((piece) => {
        switch (piece.kind) {
          case 'text':
            return <Text value={piece.text} />;
          case 'code':
            return (
              <code>
                <Text value={piece.text} />
              </code>
            );
          case 'strong':
            return (
              <strong>
                <Text value={piece.text} />
              </strong>
            );
          case 'em':
            return (
              <em>
                <Text value={piece.text} />
              </em>
            );
          case 'link':
            return (
              <a href={piece.href} target="_blank" rel="noopener noreferrer">
                <Text value={piece.text} />
              </a>
            );
        }
      })}
    </>
  );
}

export function Markdown({ source }: { source: string }) {
  return (
    <div class="markdown">
      {parseMarkdown(source).map((block) => {
        switch (block.kind) {
          case 'heading':
            return (
              <h3>
                <Inlines of={block.content} />
              </h3>
            );
          case 'paragraph':
            return (
              <p>
                <Inlines of={block.content} />
              </p>
            );
          case 'code':
            return (
              <pre tabIndex={0}>
                <Text value={block.text} />
              </pre>
            );
          case 'list': {
            const items = block.items.map((item) => (
              <li>
                <Inlines of={item} />
              </li>
            ));
            return block.ordered ? <ol>{items}</ol> : <ul>{items}</ul>;
          }
        }
      })}
    </div>
  );
}
