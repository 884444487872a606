package io.usageapi.intake;

import io.usageapi.intake.format.Entry;
import io.usageapi.security.OrganizationId;
import io.usageapi.security.Writer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Entries by the organization whose account they name.
 *
 * @param owned in the order of the organizations, which keeps concurrent writers from deadlocks
 * @param refused those of accounts that are unknown, or that the writer may not write for: they
 *     look alike
 */
public record EntryOwners(
    SortedMap<OrganizationId, List<Entry.Read>> owned, List<Entry.Read> refused) {
  /**
   * Assigns entries.
   *
   * @param organizations the organizations of the accounts
   */
  public static EntryOwners of(
      Writer writer, Collection<Entry.Read> entries, Map<String, OrganizationId> organizations) {
    EntryOwners owners =
        new EntryOwners(
            new TreeMap<>(Comparator.comparing(OrganizationId::value)), new ArrayList<>());
    for (Entry.Read entry : entries) {
      Optional.ofNullable(organizations.get(entry.record().accountId()))
          .filter(writer::mayWriteFor)
          .filter(owner -> entry.organization().map(owner::equals).orElse(true))
          .ifPresentOrElse(
              owner -> owners.owned.computeIfAbsent(owner, o -> new ArrayList<>()).add(entry),
              () -> owners.refused.add(entry));
    }
    return owners;
  }

  /** Whether the writer may write for the organization that the entry states, if it states one. */
  public static boolean mayWrite(Writer writer, Entry.Read entry) {
    return entry.organization().map(writer::mayWriteFor).orElse(true);
  }
}
