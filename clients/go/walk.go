// A walk with openapi-generator's Go client, as docs/clients.md describes it.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"net/url"
	"os"
	"time"

	usage "usage/client"
)

func client(address, token string) (*usage.APIClient, context.Context) {
	configuration := usage.NewConfiguration()
	configuration.Servers = usage.ServerConfigurations{{URL: address}}
	return usage.NewAPIClient(configuration), context.WithValue(context.Background(), usage.ContextAccessToken, token)
}

func page(address, filter, cursor string) (*usage.UsagePage, error) {
	api, ctx := client(address, os.Getenv("READER"))
	request := api.UsageAPI.GetMonthlyUsage(ctx).PerPage(250)
	if filter != "" {
		request = request.Filter(filter)
	}
	if cursor != "" {
		request = request.Cursor(cursor)
	}
	page, _, err := request.Execute()
	return page, err
}

func walk(name, address string) {
	count, sum, cursor := 0, new(big.Rat), ""
	for {
		answer, err := page(address, "", cursor)
		check(err)
		for _, each := range answer.Embedded.Usage {
			amount, _ := new(big.Rat).SetString(each.TotalAmount.String())
			sum.Add(sum, amount)
			count++
		}
		if answer.Next == nil {
			break
		}
		next, err := url.Parse(answer.Next.Href)
		check(err)
		cursor = next.Query().Get("cursor")
	}
	fmt.Println(name, count, sum.FloatString(30))
}

func failure(name, address, filter string) {
	_, err := page(address, filter, "")
	var failed *usage.GenericOpenAPIError
	if errors.As(err, &failed) {
		body := failed.Model().(usage.ErrorBody)
		fmt.Println(name, failed.Error()[:3], body.Code, len(body.Fields))
	}
}

func record(id, account string, units, amount json.Number) usage.UsageRecord {
	record := usage.NewUsageRecord(usage.USAGETYPE_CALL, os.Getenv("RUN")+"-"+id, account, os.Getenv("RUN"),
		time.Date(2026, 8, 31, 22, 30, 0, 0, time.UTC), "EUR", usage.USAGEUNIT_MINUTES, units)
	record.SetTotalAmount(amount)
	return *record
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}

func main() {
	api, tomorrow := os.Getenv("API"), os.Getenv("STRANGER")
	walk("walk", api)
	writer, ctx := client(api, os.Getenv("WRITER"))
	sent, _, err := writer.IntakeAPI.PostUsageRecords(ctx).UsageRecords(usage.UsageRecords{Records: []usage.UsageRecord{
		record("good", "customer-001", "16777217", "1234567890123456.789"),
		record("bad", "nobody", "1", "1"),
	}}).Execute()
	check(err)
	fmt.Println("sent", sent.Accepted, sent.Rejected, sent.Errors[0].Code)
	read, err := page(api, "product_id eq '"+os.Getenv("PROBE")+"'", "")
	check(err)
	fmt.Println("read", read.Embedded.Usage[0].NumberOfUnits, read.Embedded.Usage[0].TotalAmount)
	failure("400", api, "nonsense")
	failure("403", api, "account_id eq 'nobody'")
	walk("tomorrow", tomorrow)
	failure("tomorrow400", tomorrow, "nonsense")
}
