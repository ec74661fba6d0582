import { gzipSync } from 'node:zlib';
import { defineConfig, type Plugin } from 'vite';

// What a browser must fetch before it can paint. ui.md section 10 sets the limit.
const INITIAL_LIMIT_GZ = 70_000;

function sizeBudget(): Plugin {
  return {
    name: 'size-budget',
    generateBundle(_options, bundle) {
      const initial = new Set<string>();
      const visit = (name: string) => {
        const chunk = bundle[name];
        if (!chunk || initial.has(name)) return;
        initial.add(name);
        if (chunk.type !== 'chunk') return;
        chunk.imports.forEach(visit);
        chunk.viteMetadata?.importedCss.forEach(visit);
      };
      for (const chunk of Object.values(bundle)) if (chunk.type === 'chunk' && chunk.isEntry) visit(chunk.fileName);
      let size = 0;
      for (const name of initial) {
        const file = bundle[name]!;
        size += gzipSync(file.type === 'chunk' ? file.code : file.source).length;
      }
      const line = `initial JS + CSS: ${size} bytes gz of ${INITIAL_LIMIT_GZ} allowed (${initial.size} files)`;
      if (size > INITIAL_LIMIT_GZ) this.error(line);
      console.log(`\n${line}`);
    },
  };
}

export default defineConfig({
  plugins: [sizeBudget()],
  build: {
    target: 'es2022',
    // The server's CSP allows no data: URL and no inline script.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    sourcemap: false,
  },
  server: {
    proxy: { '/api': { target: process.env.APOLLO_API ?? 'http://127.0.0.1:8420' } },
  },
  test: { include: ['src/**/*.test.ts'] },
} as Parameters<typeof defineConfig>[0]);
