package demo

import (
	"fmt"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

type order struct {
	OrderID  string `json:"order_id"`
	Customer string `json:"customer"`
	Status   string `json:"status"`
	Items    int    `json:"items"`
	Total    string `json:"total"` // decimal, so that nothing is lost in floating point
	Currency string `json:"currency"`
	At       string `json:"at"`
}

// orderEvent is a step of an order; its key is the customer.
func orderEvent(g *gen, at time.Time) message {
	o := order{
		OrderID:  fmt.Sprintf("o-%06d", 100_000+g.serial()),
		Customer: customer(g),
		Status:   g.pick("placed", "placed", "paid", "packed", "shipped", "cancelled"),
		Items:    1 + g.IntN(6),
		Total:    amount(g),
		Currency: currency(g),
		At:       at.UTC().Format(time.RFC3339),
	}
	return message{key: o.Customer, value: encode(o), headers: jsonHeaders(g, "order."+o.Status)}
}

type payment struct {
	PaymentID string `json:"payment_id"`
	OrderID   string `json:"order_id"`
	Method    string `json:"method"`
	State     string `json:"state"`
	Amount    string `json:"amount"`
	Currency  string `json:"currency"`
	At        string `json:"at"`
}

// paymentEvent is a step of a payment; its key is the customer.
func paymentEvent(g *gen, at time.Time) message {
	p := payment{
		PaymentID: "pay_" + g.hex(12),
		OrderID:   fmt.Sprintf("o-%06d", 100_000+g.serial()),
		Method:    g.pick("card", "card", "sepa", "paypal", "invoice"),
		State:     g.pick("authorised", "captured", "captured", "refunded", "declined"),
		Amount:    amount(g),
		Currency:  currency(g),
		At:        at.UTC().Format(time.RFC3339),
	}
	return message{key: customer(g), value: encode(p), headers: jsonHeaders(g, "payment."+p.State)}
}

// clickEvent is what a visitor did; its key is the session, which is as long as hotKey: the value says how long.
func clickEvent(g *gen, at time.Time) message {
	c := click{
		session: fmt.Sprintf("s-%06d", g.IntN(400)),
		event:   g.pick("view", "view", "view", "click", "add_to_cart", "search"),
		page:    g.pick("/", "/sale", fmt.Sprintf("/products/%d", 1000+g.IntN(900))),
		dwell:   int64(200 + g.IntN(40_000)),
		device:  g.pick(clickDevices...),
		at:      at,
	}
	return message{key: c.session, value: c.avro(), headers: []kgo.RecordHeader{header("event-type", "click."+c.event), header("trace-id", g.hex(32))}}
}

func customer(g *gen) string { return fmt.Sprintf("c-%04d", g.IntN(500)) }
func currency(g *gen) string { return g.pick("EUR", "EUR", "USD", "GBP", "CHF") }
func amount(g *gen) string   { return fmt.Sprintf("%d.%02d", 3+g.IntN(400), g.IntN(100)) }

func jsonHeaders(g *gen, kind string) []kgo.RecordHeader {
	return []kgo.RecordHeader{
		header("content-type", "application/json"),
		header("event-type", kind),
		header("trace-id", g.hex(32)),
	}
}
