// A walk with openapi-generator's Kotlin client, as docs/clients.md describes it.
import io.usageapi.client.api.IntakeApi
import io.usageapi.client.api.UsageApi
import io.usageapi.client.infrastructure.ApiClient
import io.usageapi.client.infrastructure.ClientError
import io.usageapi.client.infrastructure.ClientException
import io.usageapi.client.infrastructure.Serializer
import io.usageapi.client.model.ErrorBody
import io.usageapi.client.model.UsagePage
import io.usageapi.client.model.UsageRecord
import io.usageapi.client.model.UsageRecords
import io.usageapi.client.model.UsageType
import io.usageapi.client.model.UsageUnit
import java.math.BigDecimal
import java.net.URI
import java.time.OffsetDateTime
import kotlin.system.exitProcess

fun env(name: String): String = System.getenv(name)

fun page(address: String, filter: String? = null, cursor: String? = null): UsagePage {
    ApiClient.accessToken = env("READER")
    return UsageApi(address).getMonthlyUsage(perPage = 250, filter = filter, cursor = cursor)
}

fun walk(name: String, address: String) {
    var count = 0
    var sum = BigDecimal.ZERO
    var cursor: String? = null
    do {
        val page = page(address, cursor = cursor)
        for (each in page.embedded.usage) {
            count++
            sum += each.totalAmount
        }
        cursor = page.next?.let { URI(it.href).query.replaceFirst(".*cursor=([^&]*).*".toRegex(), "$1") }
    } while (cursor != null)
    println("$name $count ${sum.toPlainString()}")
}

fun failure(name: String, address: String, filter: String) {
    try {
        page(address, filter)
    } catch (e: ClientException) {
        val body = (e.response as ClientError<*>).body as String
        val error = Serializer.moshi.adapter(ErrorBody::class.java).fromJson(body)!!
        println("$name ${e.statusCode} ${error.code} ${error.fields.size}")
    }
}

fun record(id: String, account: String, units: String, amount: String) =
    UsageRecord(
        id = env("RUN") + "-" + id,
        accountId = account,
        productId = env("RUN"),
        occurredAt = OffsetDateTime.parse("2026-08-31T22:30:00Z"),
        type = UsageType.CALL,
        currency = "EUR",
        unit = UsageUnit.MINUTES,
        numberOfUnits = BigDecimal(units),
        totalAmount = BigDecimal(amount),
    )

fun main() {
    val api = env("API")
    val tomorrow = env("STRANGER")
    walk("walk", api)
    ApiClient.accessToken = env("WRITER")
    val sent =
        IntakeApi(api).postUsageRecords(
            UsageRecords(listOf(
                record("good", "customer-001", "16777217", "1234567890123456.789"),
                record("bad", "nobody", "1", "1"),
            )),
        )
    println("sent ${sent.accepted} ${sent.rejected} ${sent.errors[0].code}")
    val read = page(api, "product_id eq '${env("PROBE")}'").embedded.usage[0]
    println("read ${read.numberOfUnits.toPlainString()} ${read.totalAmount.toPlainString()}")
    failure("400", api, "nonsense")
    failure("403", api, "account_id eq 'nobody'")
    walk("tomorrow", tomorrow)
    failure("tomorrow400", tomorrow, "nonsense")
    exitProcess(0) // The HTTP client leaves threads behind.
}
