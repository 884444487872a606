<?php
// A walk with openapi-generator's PHP client, as docs/clients.md describes it.
use UsageApi\Client\ApiException;
use UsageApi\Client\Api\IntakeApi;
use UsageApi\Client\Api\UsageApi;
use UsageApi\Client\Configuration;
use UsageApi\Client\Model\UsageRecord;
use UsageApi\Client\Model\UsageRecords;
use UsageApi\Client\Model\UsageType;
use UsageApi\Client\Model\UsageUnit;

require 'GuzzleHttp/autoload.php';
spl_autoload_register(function ($class) {
    $file = getenv('GENERATED') . '/lib/' . str_replace(['UsageApi\\Client\\', '\\'], ['', '/'], $class) . '.php';
    if (is_file($file)) {
        require $file;
    }
});
error_reporting(E_ALL & ~E_DEPRECATED);
ini_set('precision', '17');

function configuration($address, $token)
{
    return (new Configuration())->setHost($address)->setAccessToken(getenv($token));
}

function page($address, $filter = null, $cursor = null)
{
    $usage = new UsageApi(new GuzzleHttp\Client(), configuration($address, 'READER'));
    return $usage->getMonthlyUsage(per_page: 250, filter: $filter, cursor: $cursor);
}

function walk($name, $address)
{
    [$count, $sum, $cursor] = [0, '0', null];
    do {
        $page = page($address, null, $cursor);
        foreach ($page->getEmbedded()->getUsage() as $each) {
            $count++;
            $sum = bcadd($sum, json_encode($each->getTotalAmount()), 30);
        }
        parse_str(parse_url($page->getNext()?->getHref() ?? '', PHP_URL_QUERY) ?? '', $query);
        $cursor = $query['cursor'] ?? null;
    } while ($cursor !== null);
    echo "$name $count $sum\n";
}

function failure($name, $address, $filter)
{
    try {
        page($address, $filter);
    } catch (ApiException $e) {
        $error = $e->getResponseObject();
        echo "$name {$e->getCode()} {$error->getCode()} ", count($error->getFields()), "\n";
    }
}

function record($id, $account, $units, $amount)
{
    return new UsageRecord([
        'id' => getenv('RUN') . '-' . $id,
        'account_id' => $account,
        'product_id' => getenv('RUN'),
        'occurred_at' => new DateTime('2026-08-31T22:30:00Z'),
        'type' => UsageType::CALL,
        'currency' => 'EUR',
        'unit' => UsageUnit::MINUTES,
        'number_of_units' => $units,
        'total_amount' => $amount,
    ]);
}

[$api, $tomorrow] = [getenv('API'), getenv('STRANGER')];
walk('walk', $api);
$intake = new IntakeApi(new GuzzleHttp\Client(), configuration($api, 'WRITER'));
$sent = $intake->postUsageRecords(new UsageRecords(['records' => [
    record('good', 'customer-001', 16777217, 1234567890123456.789),
    record('bad', 'nobody', 1, 1),
]]));
echo "sent {$sent->getAccepted()} {$sent->getRejected()} {$sent->getErrors()[0]->getCode()}\n";
$read = page($api, "product_id eq '" . getenv('PROBE') . "'")->getEmbedded()->getUsage()[0];
echo 'read ', json_encode($read->getNumberOfUnits()), ' ', json_encode($read->getTotalAmount()), "\n";
failure('400', $api, 'nonsense');
failure('403', $api, "account_id eq 'nobody'");
walk('tomorrow', $tomorrow);
failure('tomorrow400', $tomorrow, 'nonsense');
