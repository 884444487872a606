package io.usageapi.account;

import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.EnumType;
import jakarta.persistence.Enumerated;
import jakarta.persistence.Id;
import jakarta.persistence.IdClass;
import jakarta.persistence.Table;
import org.hibernate.annotations.Immutable;

/** A stored account. Only {@link AccountRepository} writes it. */
@Entity
@Immutable
@Table(name = "account")
@IdClass(Account.Key.class)
public class Account {
  /** The primary key; {@code id} is unique across organizations. */
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
