package io.usageapi.account;

import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.EnumType;
import jakarta.persistence.Enumerated;
import jakarta.persistence.Id;
import jakarta.persistence.IdClass;
import jakarta.persistence.Table;
import org.hibernate.annotations.Immutable;

/** An account as it is stored. Written by the statements of {@link AccountRepository} alone. */
@Entity
@Immutable
@Table(name = "account")
@IdClass(Account.Key.class)
public class Account {
  /**
   * What identifies an account.
   *
   * @param organizationId whose it is
   * @param id its own id, which no account of any organization shares
   */
  public record Key(String organizationId, String id) {}

  @Id
  @Column(name = "organization_id")
  String organizationId;

  @Id String id;

  String name;

  @Column(name = "company_name")
  String companyName;

  @Enumerated(EnumType.STRING)
  AccountStatus status;

  AccountView toView() {
    return new AccountView(id, name, companyName, status);
  }
}
