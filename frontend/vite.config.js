import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { defaultClientConditions, defineConfig } from 'vite';

const DIST = 'dist';

/**
 * The server sends what lies compressed beside a file. Brotli, which browsers take from HTTPS alone, and
 * gzip: megabytes of WebAssembly are not to be compressed at every start, nor sent as they are.
 */
function compressed() {
  return {
    name: 'compressed',
    closeBundle() {
      const folder = join(DIST, 'assets');
      for (const name of readdirSync(folder).filter((one) => /\.(js|mjs|css|wasm)$/.test(one))) {
        const content = readFileSync(join(folder, name));
        const params = { [constants.BROTLI_PARAM_QUALITY]: 9, [constants.BROTLI_PARAM_SIZE_HINT]: content.length };
        writeFileSync(join(folder, `${name}.br`), brotliCompressSync(content, { params }));
        writeFileSync(join(folder, `${name}.gz`), gzipSync(content));
      }
    },
  };
}

export default defineConfig({
  base: '/static/',
  resolve: {
    // ONNX Runtime's own script and WebAssembly stay files of their own: its threads load them, too.
    conditions: ['onnxruntime-web-use-extern-wasm', ...defaultClientConditions],
  },
  worker: { format: 'es' },
  plugins: [compressed()],
  build: {
    outDir: DIST,
    emptyOutDir: true,
    // Django reads it to know the hashed names.
    manifest: true,
    target: 'es2022',
    rolldownOptions: { input: 'src/main.js' },
    // OpenSeadragon alone is 350 kB; it is a chunk of its own and loads beside the page's script.
    chunkSizeWarningLimit: 400,
  },
});
