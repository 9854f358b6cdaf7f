using System.Globalization;
using System.Text.Json.Nodes;

namespace Meshia.Sandbox.Experiments;

/// <summary>What the experiments of a session try and what comes of it: the same for the same seed.</summary>
internal sealed class ExperimentScript(Seed seed)
{
    public const int PerSession = 4;

    // One fails, and one completes with a metric that is not a number, as in life.
    private const int FailingOrdinal = 2;
    private const int NotANumberOrdinal = 1;
    private const int Epochs = 5;

    private static readonly string[] _models = ["llama-3-8b", "mistral-7b", "qwen2.5-7b", "gemma-2-9b"];

    private static readonly double[] _learningRates = [0.0003, 0.001, 0.01, 0.0001];

    public string Name(string sessionId, int ordinal) =>
        $"{seed.Name("experiment", sessionId, Text(ordinal))}-{ordinal + 1}";

    /// <summary>Any two differ in the learning rate and the seed, and some also in the batch size.</summary>
    public PythonJson Config(string sessionId, int ordinal)
    {
        var random = seed.Random("config", sessionId);
        return new(new JsonObject
        {
            ["model"] = new JsonObject { ["name"] = _models[random.Next(_models.Length)], ["precision"] = "bf16", ["lora_rank"] = 16 },
            ["optimizer"] = new JsonObject
            {
                ["name"] = "adamw",
                ["lr"] = _learningRates[ordinal % _learningRates.Length],
                ["betas"] = new JsonArray(0.9, 0.95),
                ["weight_decay"] = 0.1,
            },
            ["data"] = new JsonObject { ["dataset"] = "instructions-v2", ["batch_size"] = ordinal % 2 == 0 ? 16 : 32, ["shuffle"] = true },
            ["epochs"] = Epochs,
            ["seed"] = random.Next(1000, 9000) + ordinal,
        });
    }

    public static string? Failure(int ordinal) => ordinal == FailingOrdinal ? "RuntimeError: the loss diverged at step 200" : null;

    public PythonJson Metrics(string experimentId, int ordinal)
    {
        var random = seed.Random("metrics", experimentId);
        var losses = new double[ordinal == FailingOrdinal ? 2 : Epochs];
        var loss = 2 + random.NextDouble();
        for (var epoch = 0; epoch < losses.Length; epoch++)
        {
            loss *= ordinal == FailingOrdinal ? 3 + random.NextDouble() : 0.5 + (0.25 * random.NextDouble());
            losses[epoch] = Math.Round(loss, 6);
        }

        var evaluation = losses[^1] * 1.1;
        return new(new JsonObject
        {
            ["loss"] = losses[^1],
            ["accuracy"] = Math.Round(Math.Exp(-losses[^1]), 4),
            ["steps"] = losses.Length * 100,
            ["tokens_per_second"] = Math.Round(2000 + (1000 * random.NextDouble()), 1),
            ["grad_norm"] = ordinal == NotANumberOrdinal ? "NaN" : Math.Round(random.NextDouble(), 6),
            ["eval"] = new JsonObject
            {
                ["loss"] = Math.Round(evaluation, 6),
                ["perplexity"] = Math.Round(Math.Exp(evaluation), 4),
            },
            ["loss_history"] = new JsonArray([.. losses.Select(value => (JsonNode)value)]),
        });
    }

    private static string Text(int ordinal) => ordinal.ToString(CultureInfo.InvariantCulture);
}
