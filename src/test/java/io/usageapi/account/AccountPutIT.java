package io.usageapi.account;

import io.quarkus.test.junit.QuarkusIntegrationTest;

/** The same again, on the packaged server. */
@QuarkusIntegrationTest
class AccountPutIT extends AccountPutTest {}
