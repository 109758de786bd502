# DeLong's method by the pROC package. In: a CSV file with the columns case,a,b,label.
# Out: one line per case: auc of a, of b, variance of a, of b, covariance, two-sided p of a = b,
# both ends of the 95 % interval of a.
suppressMessages(library(pROC))

table <- read.csv(commandArgs(trailingOnly = TRUE)[1])
for (case in unique(table$case)) {
  rows <- table[table$case == case, ]
  a <- roc(rows$label, rows$a, levels = c(0, 1), direction = "<")
  b <- roc(rows$label, rows$b, levels = c(0, 1), direction = "<")
  test <- roc.test(a, b, method = "delong", paired = TRUE)
  interval <- ci.auc(a, method = "delong")
  cat(sprintf("%.17g", c(a$auc, b$auc, var(a), var(b), cov(a, b), test$p.value,
                         interval[1], interval[3])), "\n")
}
