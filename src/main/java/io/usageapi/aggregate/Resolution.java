package io.usageapi.aggregate;

/** How a call ended, where it is one. */
public enum Resolution {
  ABANDONED,
  ANSWERED,
  MACHINE,
  MISSED,
  VOICEMAIL,
  OTHER
}
