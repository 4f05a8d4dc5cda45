package scaffold

import "github.com/djharden/djharden/internal/django"

func warnings(in Input, facts django.Facts) []Warning { return nil }

func nextSteps(in Input) []string { return nil }
