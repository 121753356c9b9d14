/** The thread that adjusts pictures where the graphics processor does not. */
import { adjustPixels } from '../appearance/adjustments.js';

const canvas = new OffscreenCanvas(1, 1);
const context = /** @type {OffscreenCanvasRenderingContext2D} */ (
  canvas.getContext('2d', { willReadFrequently: true })
);

/** @param {MessageEvent<{picture: ImageBitmap, adjustments: import('../appearance/adjustments.js').Adjustments}>} event */
self.onmessage = ({ data: { picture, adjustments } }) => {
  [canvas.width, canvas.height] = [picture.width, picture.height];
  context.drawImage(picture, 0, 0);
  picture.close();
  const pixels = context.getImageData(0, 0, canvas.width, canvas.height);
  adjustPixels(pixels.data, adjustments);
  context.putImageData(pixels, 0, 0);
  const adjusted = canvas.transferToImageBitmap();
  self.postMessage(adjusted, { transfer: [adjusted] });
};
