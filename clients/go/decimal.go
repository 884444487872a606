package client

import "encoding/json"

// Decimal is a number with all its digits: the generator is told to use it for "number" (--type-mappings number=Decimal).
type Decimal = json.Number

// NullableDecimal is what the generator makes of any type that may be null.
type NullableDecimal struct {
	value *Decimal
	isSet bool
}

func (v NullableDecimal) Get() *Decimal     { return v.value }
func (v *NullableDecimal) Set(val *Decimal) { v.value, v.isSet = val, true }
func (v NullableDecimal) IsSet() bool       { return v.isSet }
func (v *NullableDecimal) Unset()           { v.value, v.isSet = nil, false }
func NewNullableDecimal(val *Decimal) *NullableDecimal {
	return &NullableDecimal{value: val, isSet: true}
}

func (v NullableDecimal) MarshalJSON() ([]byte, error) { return json.Marshal(v.value) }
func (v *NullableDecimal) UnmarshalJSON(src []byte) error {
	v.isSet = true
	return json.Unmarshal(src, &v.value)
}
