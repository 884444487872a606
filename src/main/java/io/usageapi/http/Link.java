package io.usageapi.http;

/** A link of HAL. */
public record Link(String href) {}
