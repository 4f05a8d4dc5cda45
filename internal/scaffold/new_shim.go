package scaffold

func answersFile(in Input) []byte { return []byte("preset = \"" + in.Answers.Preset + "\"\n") }

func quotePy(s string) string { return "\"" + s + "\"" }
