namespace Meshia.Client.Tests;

/// <summary>What a name is guessed to want. A wrong guess lets a regression through a gate; none asks the user.</summary>
[Trait("Culture", "Dependent")]
public class MetricGoalGuesserTests
{
    [Theory]
    [InlineData("loss")]
    [InlineData("train/Loss")]
    [InlineData("validation.crossEntropyLoss")]
    [InlineData("num_errors")]
    [InlineData("val/false_positive_rate")]
    [InlineData("bits_per_byte")]
    [InlineData("seconds_per_step")]
    [InlineData("ms_per_token")]
    [InlineData("errors_per_second")]
    [InlineData("cost_per_hour")]
    [InlineData("time_to_first_token")]
    [InlineData("accuracy_loss")]
    public void Less_is_better(string name) => Assert.Equal(MetricGoal.Minimize, MetricGoalGuesser.GuessGoal(name));

    [Theory]
    [InlineData("val/top1_accuracy")]
    [InlineData("tokens_per_second")]
    [InlineData("train.samples_per_sec")]
    [InlineData("mAP")]
    [InlineData("episode_reward")]
    [InlineData("loss_score")]
    public void More_is_better(string name) => Assert.Equal(MetricGoal.Maximize, MetricGoalGuesser.GuessGoal(name));

    [Theory]
    [InlineData("steps")]
    [InlineData("learning_rate")]
    [InlineData("accuracy_drop")]
    [InlineData("generalization_gap/loss")]
    [InlineData("loss_scale")]
    [InlineData("reward_std")]
    [InlineData("target_kl")]
    [InlineData("tokens_per_batch")]
    [InlineData("per")]
    [InlineData("")]
    public void Nobody_knows(string name) => Assert.Null(MetricGoalGuesser.GuessGoal(name));
}
