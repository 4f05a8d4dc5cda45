package scaffold

func quotePy(s string) string { return "\"" + s + "\"" }
