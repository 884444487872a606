package io.usageapi.usage;

/** How a call ended, where it is one. */
public enum Resolution {
  ABANDONED,
  ANSWERED,
  MACHINE,
  MISSED,
  VOICEMAIL,
  OTHER
}
