"""What a browser plays, kept in the page for tests to compare: scripts for any browser."""

from typing import Final

CAPTURE: Final = """
window.played = [];
{
  const decode = BaseAudioContext.prototype.decodeAudioData;
  BaseAudioContext.prototype.decodeAudioData = function (data, ...more) {
    window.played.push(data.slice());
    return decode.call(this, data, ...more);
  };
}
"""
"""Runs before the page's own scripts."""

SAMPLES: Final = """async () => {
  const decoded = await new OfflineAudioContext(1, 1, 16000).decodeAudioData(window.played.at(-1).slice());
  return Array.from(decoded.getChannelData(0), (one) => Math.round(one * 32768));
}"""
"""Returns what was played last, decoded by the browser to 16-bit samples at 16 kHz."""
