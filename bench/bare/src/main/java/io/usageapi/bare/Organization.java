package io.usageapi.bare;

import io.quarkus.hibernate.reactive.panache.PanacheEntityBase;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;

/** A row of one of the server's tables. */
@Entity
public class Organization extends PanacheEntityBase {
  @Id public String id;
  public String name;
}
