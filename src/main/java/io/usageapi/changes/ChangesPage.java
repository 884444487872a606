package io.usageapi.changes;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import io.usageapi.page.KeysetPage;

/**
 * A page of changes on the wire.
 *
 * @param month the month
 * @param with the month that it is compared with
 * @param page the other fields
 */
public record ChangesPage(String month, String with, @JsonUnwrapped KeysetPage page) {}
