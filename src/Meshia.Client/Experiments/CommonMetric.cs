using System.Text;

namespace Meshia;

/// <summary>What the names of common metrics say of their goal.</summary>
internal static class CommonMetric
{
    private static readonly HashSet<string> _lessIsBetter = new(
        [
            "loss", "error", "err", "perplexity", "ppl", "mse", "rmse", "mae", "mape", "wer", "cer", "fid", "nll", "bpb", "bpc", "kl", "regret",
            "latency", "duration", "seconds", "memory", "cost",
        ],
        StringComparer.OrdinalIgnoreCase);

    private static readonly HashSet<string> _moreIsBetter = new(
        [
            "accuracy", "acc", "f1", "auc", "auroc", "precision", "recall", "bleu", "rouge", "score", "reward", "return", "throughput", "map", "mrr",
            "ndcg", "iou", "dice", "psnr", "ssim", "r2", "elo", "mfu", "winrate",
        ],
        StringComparer.OrdinalIgnoreCase);

    /// <summary>The goal that the last telling word of a name suggests; null where none does.</summary>
    /// <param name="name">As in <c>val/top1_accuracy</c> or <c>eval.loss</c>.</param>
    public static MetricGoal? GuessGoal(string name)
    {
        var words = Words(name);
        for (var index = words.Count - 1; index >= 0; index--)
        {
            // A rate, as in tokens_per_second.
            if (index > 0 && string.Equals(words[index - 1], "per", StringComparison.OrdinalIgnoreCase))
                return MetricGoal.Maximize;
            if (_lessIsBetter.Contains(words[index]))
                return MetricGoal.Minimize;
            if (_moreIsBetter.Contains(words[index]))
                return MetricGoal.Maximize;
        }

        return null;
    }

    /// <summary>The words of a name: letters and digits, split also where a capital follows a small letter.</summary>
    private static List<string> Words(string name)
    {
        var text = new StringBuilder();
        for (var index = 0; index < name.Length; index++)
        {
            if (index > 0 && char.IsUpper(name[index]) && char.IsLower(name[index - 1]))
                text.Append(' ');
            text.Append(char.IsLetterOrDigit(name[index]) ? name[index] : ' ');
        }

        return [.. text.ToString().Split([' '], StringSplitOptions.RemoveEmptyEntries)];
    }
}
