/** What an analyst finds on the first visit: a query, a what-if, the offers, a subscription. */
export const EXAMPLES = [
  {
    query: `# The envelope, and why each number is what it is.
# Run with Ctrl-Enter. Docs and search: the icons on the left.
query Envelope {
  negotiation {
    id
    name
    provenance
    asOf
    envelope {
      currency
      revenue
      expense
      currentMargin
      targetRevenue
      discountAtTargetMargin
      warnings { code message }
      trace { id label formula value inputs }
    }
    trailing90 { from to amount tier { name discount } toNextTier missingDays }
  }
}
`,
  },
  {
    query: `# Other margins than the saved ones: nothing is changed.
query WhatIf($target: Ratio) {
  negotiation {
    id
    envelope(targetMargin: $target) {
      targetMargin
      targetRevenue
      discountAtTargetMargin
    }
  }
}
`,
    variables: '{ "target": "40%" }',
  },
  {
    query: `# The deepest headline discount is seldom the cheapest offer.
query Offers {
  negotiation {
    id
    rounds {
      number
      offers {
        id
        title
        from
        status
        evaluation {
          cash
          headlineDiscount
          effectiveDiscount
          shortfall
          shortfallProbability
          verdict
        }
        lint { code severity message amount }
      }
    }
  }
}
`,
  },
  {
    query: `# Stays open: the present value at once, then each change.
subscription Live {
  negotiationUpdated {
    id
    version
    asOf
    envelope { revenue expense currentMargin }
    trailing90 { amount }
  }
}
`,
  },
];
