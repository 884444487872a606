package io.usageapi.page;

/** A link of HAL. */
public record Link(String href) {}
