import { defaultClientConditions, defineConfig } from 'vite';

export default defineConfig({
  base: '/static/',
  resolve: {
    // ONNX Runtime's own script and WebAssembly stay files of their own: its threads load them, too.
    conditions: ['onnxruntime-web-use-extern-wasm', ...defaultClientConditions],
  },
  worker: { format: 'es' },
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    // Django reads it to know the hashed names.
    manifest: true,
    target: 'es2022',
    rolldownOptions: { input: 'src/main.js' },
    // OpenSeadragon alone is 350 kB; it is a chunk of its own and loads beside the page's script.
    chunkSizeWarningLimit: 400,
  },
});
