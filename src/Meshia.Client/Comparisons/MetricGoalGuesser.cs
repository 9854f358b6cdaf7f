using System.Text;

namespace Meshia;

/// <summary>What the names of common metrics say of their goal.</summary>
internal static class MetricGoalGuesser
{
    private static readonly HashSet<string> _lessIsBetter = new(
        [
            "loss", "error", "errors", "err", "perplexity", "ppl", "mse", "rmse", "mae", "mape", "wer", "cer", "fid", "nll", "bpb", "bpc", "kl", "regret",
            "false", "fpr", "fnr", "eer", "miss", "misses", "bits", "nats",
            "latency", "ttft", "duration", "time", "hours", "minutes", "seconds", "secs", "sec", "ms", "memory", "cost", "dollars", "energy", "joules",
        ],
        StringComparer.OrdinalIgnoreCase);

    private static readonly HashSet<string> _moreIsBetter = new(
        [
            "accuracy", "acc", "f1", "auc", "auroc", "ap", "precision", "recall", "tpr", "tnr", "sensitivity", "specificity", "bleu", "rouge", "score", "reward",
            "return", "throughput", "map", "mrr", "ndcg", "iou", "dice", "psnr", "ssim", "r2", "elo", "mfu", "win", "winrate", "match", "hits",
        ],
        StringComparer.OrdinalIgnoreCase);

    private static readonly HashSet<string> _unitsOfTime = new(["s", "sec", "second", "min", "minute", "hour", "day"], StringComparer.OrdinalIgnoreCase);

    /// <summary>What is derived from a metric, or steers it, may want the opposite: a guess would let a regression pass.</summary>
    private static readonly HashSet<string> _derived = new(
        ["drop", "gap", "delta", "diff", "std", "stdev", "var", "variance", "scale", "weight", "coef", "coefficient", "target", "threshold", "temperature"],
        StringComparer.OrdinalIgnoreCase);

    /// <summary>The goal that the last telling word of a name suggests; null if none does.</summary>
    /// <param name="name">As in <c>val/top1_accuracy</c> or <c>eval.loss</c>.</param>
    public static MetricGoal? GuessGoal(string name)
    {
        var words = Words(name);
        if (words.Exists(_derived.Contains))
            return null;
        var per = words.FindLastIndex(word => string.Equals(word, "per", StringComparison.OrdinalIgnoreCase));
        if (per > 0 && per < words.Count - 1)
            return GuessGoalOfRate(words[per - 1], words[per + 1]);
        var telling = words.FindLast(word => _lessIsBetter.Contains(word) || _moreIsBetter.Contains(word));
        return telling is null ? null : _lessIsBetter.Contains(telling) ? MetricGoal.Minimize : MetricGoal.Maximize;
    }

    /// <summary>Much of something in a time is good (<c>tokens_per_second</c>), much of a burden never is (<c>ms_per_token</c>).</summary>
    private static MetricGoal? GuessGoalOfRate(string what, string unit) =>
        _lessIsBetter.Contains(what) ? MetricGoal.Minimize : _unitsOfTime.Contains(unit) ? MetricGoal.Maximize : null;

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
