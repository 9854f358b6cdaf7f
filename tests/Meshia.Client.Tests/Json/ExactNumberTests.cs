using System.Numerics;

namespace Meshia.Client.Tests;

/// <summary>The limits of <see cref="ExactNumber"/>. Stryker.NET changed each of them, and the tests of whole answers did not notice all.</summary>
public sealed class ExactNumberTests
{
    public static TheoryData<string, double, object> Numbers => new()
    {
        // 15 digits are safe in a double; of more, only those that a double writes.
        { "0.123456789012345", 0.123456789012345, 0.123456789012345 },
        { "1.23456789012345e300", 1.23456789012345e300, 1.23456789012345e300 },
        { "0.1234567890123456789", 0.12345678901234568, 0.1234567890123456789m },
        { "-0.1234567890123456789", -0.12345678901234568, -0.1234567890123456789m },
        { "1234567890.12345678901e5", 123456789012345.67, 123456789012345.678901m },
        { "1.2345678901234567891e-5", 1.2345678901234568e-05, 0.000012345678901234567891m },
        { "120.00e1", 1200, 1200d },
        { "0.000", 0, 0d },
        { "0e999999999999999999999", 0, 0d },
        { "1e-999999999999999999999", 0, "1e-999999999999999999999" },
        { "1.5e400", double.PositiveInfinity, "1.5e400" },
        { "-0", 0, -0.0 },
    };

    [Theory]
    [MemberData(nameof(Numbers))]
    public void A_number_keeps_its_digits_in_the_smallest_type(string text, double number, object expected)
    {
        var value = ExactNumber.Read(text, number);

        Assert.Equal(expected, value);
        Assert.Equal(expected is double whole && double.IsNegative(whole), value is double read && double.IsNegative(read));
    }

    [Fact]
    public void A_whole_number_of_10_000_characters_is_a_number_and_a_longer_one_is_a_text()
    {
        Assert.IsType<BigInteger>(ExactNumber.Read(new('9', 10_000), double.PositiveInfinity));
        Assert.IsType<string>(ExactNumber.Read(new('9', 10_001), double.PositiveInfinity));
    }

    [Fact]
    public void Only_whole_numbers_are_whole()
    {
        Assert.Equal(3, ExactNumber.ToWhole(3d));
        Assert.Equal(3, ExactNumber.ToWhole(3.0m));
        foreach (var value in (object[])[0.5, 0.5m, double.NaN, double.PositiveInfinity, double.NegativeInfinity, "3"])
            Assert.Null(ExactNumber.ToWhole(value));
    }

    [Fact]
    public void A_fraction_is_the_same_only_in_a_type_that_has_all_of_its_digits()
    {
        Assert.True(ExactNumber.AreSame(0.5m, 0.50m));
        Assert.True(ExactNumber.AreSame(0.5, 0.5));
        Assert.False(ExactNumber.AreSame(0.5, 0.25));
        Assert.False(ExactNumber.AreSame(0.1234567890123456789m, (double)0.1234567890123456789m));
    }

    [Fact]
    public void The_larger_number_is_found_to_its_last_digit()
    {
        Assert.Equal(1, ExactNumber.Compare(9007199254740993L, 9007199254740992L));
        Assert.Equal(-1, ExactNumber.Compare(BigInteger.Pow(10, 30), BigInteger.Pow(10, 30) + 1));
        Assert.Equal(1, ExactNumber.Compare(0.1234567890123456789m, 0.1234567890123456788m));
        Assert.Equal(1, ExactNumber.Compare(1L, 0.99999999999999999999m));
        Assert.Equal(-1, ExactNumber.Compare(0.5, 0.75m));
        Assert.Equal(0, ExactNumber.Compare(0.5, 0.5m));
    }
}
