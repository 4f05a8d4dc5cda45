package scaffold

import (
	"fmt"
	"slices"
	"time"

	"github.com/djharden/djharden/internal/django"
)

// NextHSTS is the word for the stage after the one that stands.
const NextHSTS = "next"

// preloadWords is what nobody can take back in a hurry.
const preloadWords = "preload commits every subdomain, those not made yet too, to HTTPS in browsers themselves: taking it back takes months, for users who don't update years, and a subdomain without HTTPS is gone until then"

// hstsDays says how many days a stage should have stood before the next:
// longer than browsers remember it, so that whoever was locked out has come
// and gone. A year is not waited for: after a month, what breaks has broken.
var hstsDays = map[string]int{"off": 0, "1h": 1, "1d": 2, "30d": 31, "1y": 31, "subdomains": 31}

// Ramp settles the stage of HSTS that a sync is asked for. asked is a stage,
// NextHSTS or "" where djharden.toml alone says it; was is the stage that was
// written last. preload is taken only when it is asked for by name. Its errors
// are *OptionError.
func Ramp(a *Answers, asked, was, today string) (notes []string, err error) {
	standing := a.HSTS
	switch {
	case asked == NextHSTS:
		if a.HSTS, err = nextHSTS(*a, today); err != nil {
			return nil, err
		}
	case asked != "":
		if err := FindOption("hsts").Set(a, asked); err != nil {
			return nil, err
		}
	case a.HSTS == "preload" && was != "preload":
		return nil, &OptionError{Key: "hsts", Value: "preload", Msg: "is a step that djharden.toml alone doesn't take: " + preloadWords,
			Hint: "if that is what you want, say so: djharden sync --hsts preload"}
	}
	if a.HSTS != was || a.HSTSSince == "" {
		if a.HSTS != was || a.HSTS != standing {
			notes = rampNotes(*a, was, today)
		}
		a.HSTSSince = today
	}
	return notes, nil
}

// nextHSTS is the stage after the one of a, when that has stood long enough.
func nextHSTS(a Answers, today string) (string, error) {
	next := hstsStages[a.HSTS].Next
	refuse := func(hint, format string, args ...any) (string, error) {
		return "", &OptionError{Key: "hsts", Value: NextHSTS, Msg: fmt.Sprintf(format, args...), Hint: hint}
	}
	switch next {
	case "":
		return refuse("", "comes after nothing: preload is the last stage")
	case "preload":
		return refuse("if that is what you want, say so: djharden sync --hsts preload", "would be preload, which is never taken by itself: %s", preloadWords)
	}
	if hstsDays[a.HSTS] == 0 {
		return next, nil
	}
	if a.HSTSSince == "" {
		return "", &django.Refusal{Path: "djharden.toml", Reason: fmt.Sprintf("it isn't written down since when HSTS is at stage %s", a.HSTS),
			Manual: `Write the day on which it was deployed there, as hsts_since = "` + today + `" for today.`}
	}
	free := addDays(a.HSTSSince, hstsDays[a.HSTS])
	if today < free {
		return "", &django.Refusal{Reason: fmt.Sprintf("HSTS goes on to %s on %s at the earliest: stage %s is there since %s, and what counts is the day it was deployed", next, free, a.HSTS, a.HSTSSince),
			Manual: fmt.Sprintf("Run it again then. A later deployment belongs into djharden.toml, as hsts_since; --hsts %s goes on at once, at your own risk.", next)}
	}
	return next, nil
}

func addDays(day string, n int) string {
	t, err := time.Parse(dateForm, day)
	if err != nil {
		return day
	}
	return t.AddDate(0, 0, n).Format(dateForm)
}

// rampNotes says what a step means.
func rampNotes(a Answers, was, today string) []string {
	at, before := slices.Index(HSTSStages, a.HSTS), slices.Index(HSTSStages, was)
	deployed := "browsers see it once it is deployed, and the days count from there; djharden.toml says " + today
	switch {
	case at < before && a.HSTS == "off":
		return []string{fmt.Sprintf("HSTS goes from %s to off: browsers that saw it refuse plain http until it runs out", was)}
	case at < before:
		return []string{fmt.Sprintf("HSTS goes back from %s to %s: a browser takes that at its next visit, over https; until then it goes by what it saw", was, a.HSTS)}
	case a.HSTS == "preload":
		return []string{"HSTS is at stage preload: " + preloadWords + "; the step that can't be undone is to submit the domain at hstspreload.org, so see first that every subdomain answers over https"}
	case a.HSTS == "subdomains":
		return []string{"HSTS is at stage subdomains: browsers refuse plain http on every subdomain for a year, and nothing takes that back from one that saw it; " + deployed}
	}
	return []string{fmt.Sprintf("HSTS is at stage %s: a browser that saw it goes back to plain http only when that has run out; %s", a.HSTS, deployed)}
}
